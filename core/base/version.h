#ifndef BASE_VERSION_H
#define BASE_VERSION_H

/* What this build is. */
const char *version_text(void);     /* "0.1" */
const char *version_revision(void); /* source revision, or "unknown" */
const char *version_mode(void);     /* "release", "asan" ... */

#endif
