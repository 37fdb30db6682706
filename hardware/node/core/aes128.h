/* AES-128 (FIPS 197), in the encrypt direction only: CCM needs no other. */
#ifndef CALLPOINT_AES128_H
#define CALLPOINT_AES128_H

#include <stdint.h>

enum { AES_BLOCK = 16 };

/* Encrypts the block in place. */
void aes128_encrypt(const uint8_t key[16], uint8_t block[AES_BLOCK]);

#endif
