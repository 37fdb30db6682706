#include "ccm.h"

#include "aes128.h"

/* CBC-MAC on the way: X, and how much of the next block has been added to it. */
struct mac {
    const uint8_t *key;
    uint8_t x[AES_BLOCK];
    uint8_t filled;
};

static void first_byte_and_nonce(uint8_t block[AES_BLOCK], uint8_t flags, const uint8_t nonce[CCM_NONCE],
                                 uint8_t last) {
    block[0] = flags;
    for (uint8_t i = 0; i < CCM_NONCE; i++) block[1 + i] = nonce[i];
    block[14] = 0;
    block[15] = last;
}

static void mac_flush(struct mac *mac) {
    if (mac->filled == 0) return;
    aes128_encrypt(mac->key, mac->x);
    mac->filled = 0;
}

static void mac_add(struct mac *mac, uint8_t byte) {
    mac->x[mac->filled] = (uint8_t)(mac->x[mac->filled] ^ byte);
    if (++mac->filled == AES_BLOCK) mac_flush(mac);
}

/* X of RFC 3610, section 2.2. Zeros that fill a block up change nothing, so nobody adds them. */
static void authenticate(struct mac *mac, const uint8_t nonce[CCM_NONCE], struct ccm_clear clear,
                         const uint8_t *text, uint8_t length) {
    first_byte_and_nonce(mac->x, 0x59, nonce, length);
    mac->filled = AES_BLOCK;
    mac_flush(mac);
    mac_add(mac, 0);
    mac_add(mac, clear.length);
    for (uint8_t i = 0; i < clear.length; i++) mac_add(mac, clear.bytes[i]);
    mac_flush(mac);
    for (uint8_t i = 0; i < length; i++) mac_add(mac, text[i]);
    mac_flush(mac);
}

/* S_i of RFC 3610, section 2.3. */
static void key_stream(const uint8_t key[16], const uint8_t nonce[CCM_NONCE], uint8_t i, uint8_t s[AES_BLOCK]) {
    first_byte_and_nonce(s, 0x01, nonce, i);
    aes128_encrypt(key, s);
}

/* Encrypts or decrypts: the same exclusive or. */
static void crypt(const uint8_t key[16], const uint8_t nonce[CCM_NONCE], uint8_t *text, uint8_t length) {
    uint8_t s[AES_BLOCK];
    for (uint8_t i = 0; i < length; i++) {
        if (i % AES_BLOCK == 0) key_stream(key, nonce, (uint8_t)(i / AES_BLOCK + 1), s);
        text[i] = (uint8_t)(text[i] ^ s[i % AES_BLOCK]);
    }
}

/* Leaves the tag in mac->x. */
static void make_tag(struct mac *mac, const uint8_t nonce[CCM_NONCE], struct ccm_clear clear, const uint8_t *text,
                     uint8_t length) {
    uint8_t s[AES_BLOCK];
    authenticate(mac, nonce, clear, text, length);
    key_stream(mac->key, nonce, 0, s);
    for (uint8_t i = 0; i < CCM_TAG; i++) mac->x[i] = (uint8_t)(mac->x[i] ^ s[i]);
}

void ccm_seal(const uint8_t key[16], const uint8_t nonce[CCM_NONCE], struct ccm_clear clear, uint8_t *text,
              uint8_t length) {
    struct mac mac = {.key = key};
    make_tag(&mac, nonce, clear, text, length);
    crypt(key, nonce, text, length);
    for (uint8_t i = 0; i < CCM_TAG; i++) text[length + i] = mac.x[i];
}

bool ccm_open(const uint8_t key[16], const uint8_t nonce[CCM_NONCE], struct ccm_clear clear, uint8_t *text,
              uint8_t length) {
    struct mac mac = {.key = key};
    uint8_t difference = 0;
    crypt(key, nonce, text, length);
    make_tag(&mac, nonce, clear, text, length);
    /* All eight bytes, so that the time says nothing about the first difference (section 5). */
    for (uint8_t i = 0; i < CCM_TAG; i++) difference = (uint8_t)(difference | (mac.x[i] ^ text[length + i]));
    return difference == 0;
}
