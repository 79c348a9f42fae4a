/* What this build is; build_version.h of the build folder is made by make. */
#include "core/base/version.h"

#include "build_version.h"

const char *
version_text(void)
{
	return HOLDFAST_VERSION;
}

const char *
version_revision(void)
{
	return HOLDFAST_REVISION;
}

const char *
version_mode(void)
{
	return HOLDFAST_MODE;
}
