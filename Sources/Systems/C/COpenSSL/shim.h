#pragma once
// SHA256_Init/Update/Final are marked deprecated since 3.0 in favour of EVP contexts. They are what makes a hash a plain value:
// a midstate is copied like a struct, nothing is fetched or allocated, and no context has to be shared or kept for each thread.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// Macros of libssl, which Swift can't import.
static inline int strongroom_ssl_set_versions(SSL_CTX *ctx, int least) { return SSL_CTX_set_min_proto_version(ctx, least); }

static inline void strongroom_ssl_harden(SSL_CTX *ctx) {
    SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
}

static inline int strongroom_ssl_set_groups(SSL_CTX *ctx, const char *names) { return (int)SSL_CTX_set1_groups_list(ctx, names); }

static inline void strongroom_ssl_no_session_cache(SSL_CTX *ctx) { SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF); }

static inline void strongroom_ssl_no_tickets(SSL_CTX *ctx) {
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(ctx, 0);
}

static inline int strongroom_ssl_set_server_name(SSL *ssl, const char *name) { return (int)SSL_set_tlsext_host_name(ssl, name); }

static inline int strongroom_ssl_add_chain(SSL_CTX *ctx, X509 *certificate) { return (int)SSL_CTX_add1_chain_cert(ctx, certificate); }

static inline void strongroom_ssl_on_server_name(SSL_CTX *ctx, int (*callback)(SSL *, int *, void *), void *argument) {
    SSL_CTX_set_tlsext_servername_callback(ctx, callback);
    SSL_CTX_set_tlsext_servername_arg(ctx, argument);
}

static inline void strongroom_bio_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }

static inline void strongroom_bio_retry_read(BIO *bio) { BIO_set_retry_read(bio); }

static inline int strongroom_pem_ended(void) {
    unsigned long code = ERR_peek_last_error();
    return code == 0 || (ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE);
}

// Parameters point to names that must stay where they are, as C's literals do.
static inline int strongroom_mac_set_key(EVP_MAC_CTX *mac, const unsigned char *key, size_t count) {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)key, count),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_CTX_set_params(mac, parameters);
}
