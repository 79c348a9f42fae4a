#ifndef WEB_CHARSET_TABLES_H
#define WEB_CHARSET_TABLES_H

#include <stdint.h>

/* Code points of bytes 0x80 to 0xff (128 values) or 0xa0 to 0xff (96). */
extern const uint16_t charset_ibm866[128];
extern const uint16_t charset_iso_8859_2[96];
extern const uint16_t charset_iso_8859_3[96];
extern const uint16_t charset_iso_8859_4[96];
extern const uint16_t charset_iso_8859_5[96];
extern const uint16_t charset_iso_8859_6[96];
extern const uint16_t charset_iso_8859_7[96];
extern const uint16_t charset_iso_8859_8[96];
extern const uint16_t charset_iso_8859_10[96];
extern const uint16_t charset_iso_8859_13[96];
extern const uint16_t charset_iso_8859_14[96];
extern const uint16_t charset_iso_8859_15[96];
extern const uint16_t charset_iso_8859_16[96];
extern const uint16_t charset_koi8_r[128];
extern const uint16_t charset_koi8_u[128];
extern const uint16_t charset_macintosh[128];
extern const uint16_t charset_windows_874[128];
extern const uint16_t charset_windows_1250[128];
extern const uint16_t charset_windows_1251[128];
extern const uint16_t charset_windows_1252[128];
extern const uint16_t charset_windows_1253[128];
extern const uint16_t charset_windows_1254[128];
extern const uint16_t charset_windows_1255[128];
extern const uint16_t charset_windows_1256[128];
extern const uint16_t charset_windows_1257[128];
extern const uint16_t charset_windows_1258[128];
extern const uint16_t charset_x_mac_cyrillic[128];

#endif
