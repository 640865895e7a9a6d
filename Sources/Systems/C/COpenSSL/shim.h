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
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
