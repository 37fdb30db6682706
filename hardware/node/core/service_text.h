/* Words of a line that was read, and the text of an answer. Texts of the program stay in flash. */
#ifndef CALLPOINT_SERVICE_TEXT_H
#define CALLPOINT_SERVICE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "flash.h"

#if defined(__AVR__)
#define TEXT(text) PSTR(text)
#else
#define TEXT(text) (text)
#endif

/* Words between single spaces. They have no end mark. */
struct words {
    const char *at;
    uint8_t length;
};

/* The first word of `words`, which is taken from it with the space behind it. */
void next_word(struct words *words, struct words *word);

/* Is this the only word? `text` is in flash. */
bool is_word(const struct words *word, const char *text);
bool is_ram_word(const struct words *word, const char *text);

/* Each is false if the word does not fit exactly. */
bool take_number(const struct words *word, uint32_t *value);              /* at most 6 digits */
bool take_hex(const struct words *word, uint8_t *bytes, uint8_t length);
bool take_bits(const struct words *word, uint16_t *bits);                 /* "0,2" or "none" */

/* What does not fit in `room` is left out. */
struct text {
    char *to;
    uint8_t length, room;
};

void put(struct text *text, const char *flash_text);
void put_ram(struct text *text, const char *ram_text);
void put_words(struct text *text, const struct words *words);
void put_number(struct text *text, uint32_t value);
void put_hex(struct text *text, const uint8_t *bytes, uint8_t length);
void put_bits(struct text *text, uint16_t bits);

/* Begins the answer anew: `-` and the code. */
void refuse(struct text *text, const char *flash_text);

/* Adds the CRC and the line end. Returns the length. The room for both was kept. */
uint8_t end_line(struct text *text);

#endif
