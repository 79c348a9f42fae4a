/* Keys for packages, and signing with them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/collection/proof.h"
#include "core/collection/proof_part.h"

enum {
	SECURE_HEAP = 64 * 1024, /* locked, in no core dump; a power of two */
	SECURE_LEAST = 32,
	KEY_FILE_MAX = 16 * 1024
};

/* What was so before a key came into memory. */
struct quiet {
	int dumpable;
	struct rlimit core;
	int has_core;
};

struct proof_key {
	struct quiet before;
	EC_GROUP *group;
	BIGNUM *secret;   /* in locked memory */
	EVP_PKEY *public; /* without the secret */
	uint8_t *spki;
	size_t spki_len;
};

/* ---- nothing of it leaves this process ---- */

/* No core dump, no reading by other processes, as long as a key is here. */
static void
quiet_begin(struct quiet *q)
{
	struct rlimit none;

	q->dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	q->has_core = getrlimit(RLIMIT_CORE, &q->core) == 0;
	if (q->has_core) {
		none = q->core;
		none.rlim_cur = 0;
		(void)setrlimit(RLIMIT_CORE, &none);
	}
	/* A second call, or no memory that may be locked: big numbers come
	 * from the common heap then, and are wiped all the same. */
	if (!CRYPTO_secure_malloc_initialized())
		(void)CRYPTO_secure_malloc_init(SECURE_HEAP, SECURE_LEAST);
}

static void
quiet_end(const struct quiet *q)
{
	if (q->has_core)
		(void)setrlimit(RLIMIT_CORE, &q->core);
	if (q->dumpable == 1)
		(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

/* ---- making ---- */

/* The folder is closed to others before the file comes into it, and the file
 * before the first byte. */
static int
put_private(const char *path, const void *p, size_t len, struct error *e)
{
	char *part = mem_format("%s.tmp", path);
	int rc = -1;
	int fd;

	if (file_exists(part) && file_remove(part, e) != 0)
		goto done;
	fd = file_create(part, e);
	if (fd < 0)
		goto done;
	rc = file_chmod(part, 0600, e);
	if (rc == 0)
		rc = file_write_at(fd, p, len, 0, e);
	if (rc == 0)
		rc = file_sync(fd, e);
	if (file_close(fd, rc == 0 ? e : NULL) != 0)
		rc = -1;
	if (rc == 0)
		rc = file_rename(part, path, e);
	if (rc != 0)
		(void)file_remove(part, NULL);
done:
	free(part);
	return rc;
}

static int
make_folder(const char *path, struct error *e)
{
	const char *slash = strrchr(path, '/');
	char *dir;
	int rc = 0;

	if (slash == NULL)
		return 0;
	dir = mem_text_n(path, (size_t)(slash - path));
	if (!file_is_dir(dir)) {
		rc = file_make_dir(dir, e);
		if (rc == 0)
			rc = file_chmod(dir, 0700, e);
	}
	free(dir);
	return rc;
}

/* ---- modes ---- */

static int
refuse_mode(const char *path, const struct stat *st, int mode, struct error *e)
{
	if (st->st_uid != geteuid() && geteuid() != 0)
		return error_set(
		    e, ERROR_KEY, "%s: belongs to somebody else", path);
	if ((st->st_mode & 077) == 0)
		return 0;
	return error_set(e, ERROR_KEY,
	    "%s: others than its owner may get at it (mode %03o); if nobody "
	    "did, say: chmod %o %s",
	    path, (unsigned)st->st_mode & 0777, (unsigned)mode, path);
}

static int
check_folder(const char *path, struct error *e)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash == NULL ? mem_text(".")
				  : mem_text_n(path, (size_t)(slash - path));
	struct stat st;
	int rc = 0;

	if (stat(dir, &st) == 0)
		rc = refuse_mode(dir, &st, 0700, e);
	free(dir);
	return rc;
}

int
proof_key_make(const char *path, struct error *e)
{
	struct quiet before;
	EVP_PKEY *key = NULL;
	BIO *text = NULL;
	char *bytes = NULL;
	long len = 0;
	int rc = -1;

	/* In a folder that is open to others they might have the file open
	 * before it is closed to them. */
	if (make_folder(path, e) != 0 || check_folder(path, e) != 0)
		return -1;
	if (file_exists(path))
		return error_set(e, ERROR_USAGE, "%s: is there already", path);
	quiet_begin(&before);
	key = EVP_EC_gen("P-384");
	text = BIO_new(BIO_s_secmem());
	if (key != NULL && text != NULL &&
	    PEM_write_bio_PKCS8PrivateKey(
		text, key, NULL, NULL, 0, NULL, NULL) == 1)
		len = BIO_get_mem_data(text, &bytes);
	if (len > 0)
		rc = put_private(path, bytes, (size_t)len, e);
	else
		(void)error_set(
		    e, ERROR_SYSTEM, "%s: no key could be made", path);
	BIO_free(text);
	EVP_PKEY_free(key);
	ERR_clear_error();
	quiet_end(&before);
	return rc;
}

/* ---- opening ---- */

/* Opened and looked at, without following a link. */
static int
open_private(const char *path, struct error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd < 0) {
		if (errno == ENOENT)
			return error_set(e, ERROR_KEY,
			    "%s: there is no key; holdfast init makes one",
			    path);
		return error_set(e, ERROR_KEY, "%s: %s", path, strerror(errno));
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		(void)error_set(e, ERROR_KEY, "%s: is no file", path);
	else if (st.st_size > KEY_FILE_MAX)
		(void)error_set(
		    e, ERROR_KEY, "%s: is too long for a key", path);
	else if (refuse_mode(path, &st, 0600, e) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

/* Nobody is asked for a pass phrase. */
static int
no_phrase(char *out, int size, int writing, void *context)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)context;
	return -1;
}

static EVP_PKEY *
parse_key(int fd)
{
	char *text = OPENSSL_secure_malloc(KEY_FILE_MAX);
	size_t len = 0;
	ssize_t got = 0;
	EVP_PKEY *key = NULL;
	BIO *bio = NULL;

	if (text == NULL)
		return NULL;
	while (len < KEY_FILE_MAX && (got = pread(fd, text + len,
					  KEY_FILE_MAX - len, (off_t)len)) > 0)
		len += (size_t)got;
	if (got >= 0 && len > 0)
		bio = BIO_new_mem_buf(text, (int)len);
	if (bio != NULL)
		key = PEM_read_bio_PrivateKey(bio, NULL, no_phrase, NULL);
	BIO_free(bio);
	OPENSSL_secure_clear_free(text, KEY_FILE_MAX);
	ERR_clear_error();
	return key;
}

/* The public half from the secret: it fits, whatever the file says. */
static int
take_public(struct proof_key *k)
{
	EC_POINT *point = EC_POINT_new(k->group);
	uint8_t raw[2 * PROOF_P384 + 1];
	size_t len = 0;
	int n;

	if (point != NULL &&
	    EC_POINT_mul(k->group, point, k->secret, NULL, NULL, NULL) == 1)
		len = EC_POINT_point2oct(k->group, point,
		    POINT_CONVERSION_UNCOMPRESSED, raw, sizeof(raw), NULL);
	EC_POINT_free(point);
	if (len != sizeof(raw))
		return -1;
	k->public = proof_public_of_point(raw, len);
	if (k->public == NULL)
		return -1;
	n = i2d_PUBKEY(k->public, &k->spki);
	k->spki_len = n > 0 ? (size_t)n : 0;
	return n > 0 ? 0 : -1;
}

static int
take_secret(struct proof_key *k, const EVP_PKEY *key)
{
	char group[64] = "";
	BIGNUM *secret = NULL;

	if (!EVP_PKEY_is_a(key, "EC") ||
	    EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) != 1 ||
	    strcmp(group, SN_secp384r1) != 0)
		return -1;
	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &secret) != 1)
		return -1;
	k->group = EC_GROUP_new_by_curve_name(NID_secp384r1);
	k->secret = BN_secure_new();
	if (k->secret == NULL || BN_copy(k->secret, secret) == NULL ||
	    k->group == NULL || BN_is_zero(k->secret) ||
	    BN_cmp(k->secret, EC_GROUP_get0_order(k->group)) >= 0) {
		BN_clear_free(secret);
		return -1;
	}
	BN_clear_free(secret);
	BN_set_flags(k->secret, BN_FLG_CONSTTIME);
	return take_public(k);
}

int
proof_key_open(struct proof_key **out, const char *path, struct error *e)
{
	struct proof_key *k = mem_zero(1, sizeof(*k));
	EVP_PKEY *key = NULL;
	int rc = -1;
	int fd = -1;

	*out = NULL;
	quiet_begin(&k->before);
	fd = open_private(path, e);
	if (fd < 0 || check_folder(path, e) != 0)
		goto done;
	key = parse_key(fd);
	if (key == NULL)
		(void)error_set(e, ERROR_KEY,
		    "%s: is no private key in PEM without a pass phrase", path);
	else if (take_secret(k, key) != 0)
		(void)error_set(
		    e, ERROR_KEY, "%s: is no key of the curve P-384", path);
	else
		rc = 0;
done:
	EVP_PKEY_free(key);
	ERR_clear_error();
	if (fd >= 0)
		(void)close(fd);
	if (rc == 0)
		*out = k;
	else
		proof_key_free(k);
	return rc;
}

void
proof_key_free(struct proof_key *k)
{
	if (k == NULL)
		return;
	BN_clear_free(k->secret);
	EVP_PKEY_free(k->public);
	EC_GROUP_free(k->group);
	OPENSSL_free(k->spki);
	quiet_end(&k->before);
	free(k);
}

void
proof_key_public(const struct proof_key *k, struct buf *out)
{
	proof_add_base64(out, k->spki, k->spki_len);
}

int
proof_sign(const struct proof_key *k, const void *p, size_t len,
    struct buf *out, struct error *e)
{
	uint8_t raw[2 * PROOF_P384];

	/* What does not verify is not handed out: a fault in between could
	 * tell the key. */
	if (proof_ecdsa(k->group, k->secret, p, len, raw) != 0 ||
	    !proof_raw_verifies(k->public, raw, p, len)) {
		ERR_clear_error();
		return error_set(e, ERROR_SYSTEM, "key: signing failed");
	}
	proof_add_base64(out, raw, sizeof(raw));
	return 0;
}
