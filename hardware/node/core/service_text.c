#include "service_text.h"

#include <string.h>

#include "bytes.h"
#include "crc16.h"

enum { NUMBER_DIGITS_MAX = 6, DIGITS_MAX = 10, BITS_MAX = 16, NO_DIGIT = 0xFF };

void next_word(struct words *words, struct words *word) {
    uint8_t length = 0;
    while (length < words->length && words->at[length] != ' ') length++;
    word->at = words->at;
    word->length = length;
    if (length < words->length) length++;
    words->at += length;
    words->length = (uint8_t)(words->length - length);
}

bool is_word(const struct words *word, const char *text) {
    for (uint8_t i = 0; i < word->length; i++) {
        const char expected = (char)FLASH_BYTE(text[i]);
        if (expected == 0 || word->at[i] != expected) return false;
    }
    return FLASH_BYTE(text[word->length]) == 0;
}

bool is_ram_word(const struct words *word, const char *text) {
    return strlen(text) == word->length && memcmp(word->at, text, word->length) == 0;
}

bool take_number(const struct words *word, uint32_t *value) {
    *value = 0;
    if (word->length == 0 || word->length > NUMBER_DIGITS_MAX) return false;
    for (uint8_t i = 0; i < word->length; i++) {
        if (word->at[i] < '0' || word->at[i] > '9') return false;
        *value = *value * 10 + (uint8_t)(word->at[i] - '0');
    }
    return true;
}

static uint8_t digit_of(char character) {
    if (character >= '0' && character <= '9') return (uint8_t)(character - '0');
    if (character >= 'A' && character <= 'F') return (uint8_t)(character - 'A' + 10);
    if (character >= 'a' && character <= 'f') return (uint8_t)(character - 'a' + 10);
    return NO_DIGIT;
}

bool take_hex(const struct words *word, uint8_t *bytes, uint8_t length) {
    if (word->length != 2 * length) return false;
    for (uint8_t i = 0; i < length; i++) {
        const uint8_t high = digit_of(word->at[2 * i]), low = digit_of(word->at[2 * i + 1]);
        if (high == NO_DIGIT || low == NO_DIGIT) return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

bool take_bits(const struct words *word, uint16_t *bits) {
    *bits = 0;
    if (is_word(word, TEXT("none"))) return true;
    for (uint8_t i = 0; i <= word->length; i++) {
        uint8_t start = i;
        uint32_t number;
        while (i < word->length && word->at[i] != ',') i++;
        const struct words part = {word->at + start, (uint8_t)(i - start)};
        if (!take_number(&part, &number) || number >= BITS_MAX) return false;
        *bits |= bit((uint8_t)number);
    }
    return true;
}

static void put_character(struct text *text, char character) {
    if (text->length < text->room) text->to[text->length++] = character;
}

void put(struct text *text, const char *flash_text) {
    for (char next = (char)FLASH_BYTE(*flash_text); next != 0; next = (char)FLASH_BYTE(*++flash_text)) {
        put_character(text, next);
    }
}

void put_ram(struct text *text, const char *ram_text) {
    while (*ram_text != 0) put_character(text, *ram_text++);
}

void put_words(struct text *text, const struct words *words) {
    for (uint8_t i = 0; i < words->length; i++) put_character(text, words->at[i]);
}

void put_number(struct text *text, uint32_t value) {
    char digits[DIGITS_MAX];
    uint8_t count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    while (count > 0) put_character(text, digits[--count]);
}

static char hex_digit(uint8_t value) { return (char)(value < 10 ? '0' + value : 'A' + value - 10); }

void put_hex(struct text *text, const uint8_t *bytes, uint8_t length) {
    for (uint8_t i = 0; i < length; i++) {
        put_character(text, hex_digit(bytes[i] >> 4));
        put_character(text, hex_digit(bytes[i] & 0x0F));
    }
}

void put_bits(struct text *text, uint16_t bits) {
    bool is_first = true;
    for (uint8_t i = 0; i < BITS_MAX; i++) {
        if ((bits & bit(i)) == 0) continue;
        if (!is_first) put_character(text, ',');
        put_number(text, i);
        is_first = false;
    }
    if (is_first) put(text, TEXT("none"));
}

void refuse(struct text *text, const char *flash_text) {
    text->length = 0;
    put_character(text, '-');
    put(text, flash_text);
}

uint8_t end_line(struct text *text) {
    /* The CRC is that of the words: without the first character. */
    const uint16_t crc = crc16((const uint8_t *)text->to + 1, (uint8_t)(text->length - 1));
    const uint8_t bytes[2] = {(uint8_t)(crc >> 8), (uint8_t)(crc & 0xFF)};
    text->room = (uint8_t)(text->room + 6);
    put_character(text, '*');
    put_hex(text, bytes, sizeof bytes);
    put_character(text, '\n');
    return text->length;
}
