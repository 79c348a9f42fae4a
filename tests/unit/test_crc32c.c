/* The checksum of journal lines: CRC-32C (Castagnoli). */
#include "core/base/text.h"
#include "tests/test.h"

CASE(the_check_value_of_the_algorithm)
{
	CHECK_INT(text_crc32c("123456789", 9), 0xe3069283);
	CHECK_INT(text_crc32c("", 0), 0);
}

/* RFC 3720, B.4. */
CASE(the_vectors_of_rfc_3720)
{
	uint8_t bytes[32] = { 0 };

	CHECK_INT(text_crc32c(bytes, 32), 0x8a9136aa);
	memset(bytes, 0xff, sizeof(bytes));
	CHECK_INT(text_crc32c(bytes, 32), 0x62a8ab43);
	for (unsigned i = 0; i < 32; i++)
		bytes[i] = (uint8_t)i;
	CHECK_INT(text_crc32c(bytes, 32), 0x46dd794e);
}

TESTS(T(the_check_value_of_the_algorithm), T(the_vectors_of_rfc_3720))
