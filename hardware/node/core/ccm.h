/* AES-128 in CCM mode, RFC 3610, with M = 8 and L = 2 (section 5). */
#ifndef CALLPOINT_CCM_H
#define CALLPOINT_CCM_H

#include <stdbool.h>
#include <stdint.h>

enum { CCM_NONCE = 13, CCM_TAG = 8 };

/* What is authenticated but not encrypted: 1...253 bytes. */
struct ccm_clear {
    const uint8_t *bytes;
    uint8_t length;
};

/* Encrypts `text` in place and writes the tag behind it. */
void ccm_seal(const uint8_t key[16], const uint8_t nonce[CCM_NONCE], struct ccm_clear clear, uint8_t *text,
              uint8_t length);

/*
 * Decrypts `text` in place. False if the tag behind it does not fit: nothing of the text may be
 * used then.
 */
bool ccm_open(const uint8_t key[16], const uint8_t nonce[CCM_NONCE], struct ccm_clear clear, uint8_t *text,
              uint8_t length);

#endif
