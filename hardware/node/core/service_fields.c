#include "service_fields.h"

#include <stddef.h>
#include <string.h>

#include "aes128.h"
#include "bytes.h"
#include "flash.h"

enum { CHECK_VALUE_LENGTH = 3, BAUDS = 5, CONTACTS_MAX = 16 };

#define AT(member) offsetof(struct settings, member)

static const struct field FIELDS[] FLASH = {
    {"key", BYTES, AT(key), true, KEY_LENGTH, KEY_LENGTH},
    {"serial", BYTES, AT(serial), true, SERIAL_LENGTH, SERIAL_LENGTH},
    {"address", NUMBER_8, AT(address), true, ADDRESS_MIN, ADDRESS_MAX},
    {"buttons", NUMBER_8, AT(buttons), false, 0, CONTACTS_MAX},
    {"points", NUMBER_8, AT(points), false, 0, CONTACTS_MAX},
    {"long-press", BITS, AT(long_press), false, 0, 0xFFFF},
    {"normally-closed", BITS, AT(normally_closed), false, 0, 0xFFFF},
    {"silent", BITS, AT(silent), false, 0, 0xFFFF},
    {"heartbeat", NUMBER_16, AT(heartbeat_seconds), true, 5, 3600},
    {"baud", BAUD, AT(baud_hundreds), true, 96, 1152},
    {"low-battery", NUMBER_16, AT(low_battery_mv), false, 0, 0xFFFF},
    {"shared-line", YES_NO, AT(shared_line), false, 0, 1},
    {"buzzer", YES_NO, AT(buzzer), false, 0, 1},
};
enum { FIELD_COUNT = sizeof FIELDS / sizeof FIELDS[0], BUTTONS_FIELD = 3, POINTS_FIELD = 4 };

static const uint16_t BAUD_HUNDREDS[BAUDS] FLASH = {96, 192, 384, 576, 1152};

static void copy_from_flash(void *to, const void *from, uint8_t length) {
    for (uint8_t i = 0; i < length; i++) ((uint8_t *)to)[i] = FLASH_BYTE(((const uint8_t *)from)[i]);
}

static void read_field(struct field *field, uint8_t number) {
    copy_from_flash(field, &FIELDS[number], sizeof *field);
}

static uint16_t baud_hundreds(uint8_t number) {
    uint16_t hundreds;
    copy_from_flash(&hundreds, &BAUD_HUNDREDS[number], sizeof hundreds);
    return hundreds;
}

static const void *value_at(const struct settings *settings, const struct field *field) {
    return (const uint8_t *)settings + field->at;
}

static void *place(struct settings *settings, const struct field *field) { return (uint8_t *)settings + field->at; }

/* Key check value: the first bytes of an encrypted block of zeros (ANSI X9.24-1). */
static void put_check_value(struct text *answer, const uint8_t *key) {
    uint8_t block[AES_BLOCK] = {0};
    aes128_encrypt(key, block);
    put_hex(answer, block, CHECK_VALUE_LENGTH);
}

static bool is_zero(const uint8_t *bytes, uint8_t length) {
    uint8_t all = 0;
    while (length-- > 0) all |= *bytes++;
    return all == 0;
}

static uint32_t number_at(const struct settings *settings, const struct field *field) {
    uint16_t value;
    switch (field->kind) {
    case NUMBER_8:
        return *(const uint8_t *)value_at(settings, field);
    case YES_NO:
        return *(const bool *)value_at(settings, field);
    default:
        memcpy(&value, value_at(settings, field), sizeof value);
        return value;
    }
}

static void put_value(struct text *answer, const struct settings *settings, const struct field *field) {
    const uint8_t *const bytes = value_at(settings, field);
    if (field->kind == BYTES) {
        if (is_zero(bytes, (uint8_t)field->least)) {
            put(answer, TEXT("none"));
        } else if (field->at == AT(key)) {
            put(answer, TEXT("check "));
            put_check_value(answer, bytes);
        } else {
            put_hex(answer, bytes, (uint8_t)field->least);
        }
        return;
    }
    const uint32_t value = number_at(settings, field);
    if (field->kind == BITS) {
        put_bits(answer, (uint16_t)value);
    } else if (field->kind == YES_NO) {
        put(answer, value != 0 ? TEXT("yes") : TEXT("no"));
    } else {
        put_number(answer, field->kind == BAUD ? value * 100 : value);
    }
}

void put_field(struct text *answer, const struct settings *settings, const struct field *field) {
    put_ram(answer, field->name);
    put(answer, TEXT(" "));
    put_value(answer, settings, field);
}

void put_bauds(struct text *answer, const struct board *board) {
    bool is_first = true;
    for (uint8_t i = 0; i < BAUDS; i++) {
        if ((board->bauds & bit(i)) == 0) continue;
        if (!is_first) put(answer, TEXT(","));
        put_number(answer, baud_hundreds(i) * UINT32_C(100));
        is_first = false;
    }
}

static bool is_baud(const struct board *board, uint32_t baud) {
    for (uint8_t i = 0; i < BAUDS; i++) {
        if ((board->bauds & bit(i)) != 0 && baud == baud_hundreds(i) * UINT32_C(100)) return true;
    }
    return false;
}

void refuse_value(struct text *answer, const struct board *board, const struct field *field) {
    refuse(answer, TEXT("value "));
    put_ram(answer, field->name);
    put(answer, TEXT(" "));
    switch (field->kind) {
    case BYTES:
        put_number(answer, field->least * UINT32_C(2));
        put(answer, TEXT(" hex digits"));
        break;
    case BITS:
        put(answer, TEXT("numbers such as 0,2 or none"));
        break;
    case YES_NO:
        put(answer, TEXT("yes or no"));
        break;
    case BAUD:
        put_bauds(answer, board);
        break;
    default:
        put_number(answer, field->least);
        put(answer, TEXT("..."));
        put_number(answer, field->most);
        break;
    }
}

/* A key of erased memory, all ones or all zeros, is none. */
static bool set_bytes(struct settings *settings, const struct field *field, const struct words *words) {
    uint8_t bytes[KEY_LENGTH];
    const uint8_t length = (uint8_t)field->least;
    if (!take_hex(words, bytes, length) || is_zero(bytes, length)) return false;
    uint8_t ones = 0xFF;
    for (uint8_t i = 0; i < length; i++) ones &= bytes[i];
    if (ones == 0xFF) return false;
    memcpy(place(settings, field), bytes, length);
    return true;
}

static bool set_number(struct settings *settings, const struct board *board, const struct field *field,
                       const struct words *words) {
    uint32_t value;
    uint16_t bits;
    switch (field->kind) {
    case BITS:
        if (!take_bits(words, &bits)) return false;
        value = bits;
        break;
    case YES_NO:
        value = is_word(words, TEXT("yes"));
        if (value == 0 && !is_word(words, TEXT("no"))) return false;
        break;
    case BAUD:
        if (!take_number(words, &value) || !is_baud(board, value)) return false;
        value /= 100;
        break;
    default:
        if (!take_number(words, &value)) return false;
        break;
    }
    if (value < field->least || value > field->most) return false;
    const uint16_t two_bytes = (uint16_t)value;
    if (field->kind == NUMBER_8) {
        *(uint8_t *)place(settings, field) = (uint8_t)value;
    } else if (field->kind == YES_NO) {
        *(bool *)place(settings, field) = value != 0;
    } else {
        memcpy(place(settings, field), &two_bytes, sizeof two_bytes);
    }
    return true;
}

bool take_field(const struct board *board, struct words *words, struct field *field) {
    struct words name;
    next_word(words, &name);
    for (uint8_t i = 0; i < FIELD_COUNT; i++) {
        read_field(field, i);
        if (!is_ram_word(&name, field->name)) continue;
        if (i == BUTTONS_FIELD) field->most = board->buttons_max;
        if (i == POINTS_FIELD) field->most = board->points_max;
        return true;
    }
    return false;
}

bool set_field(struct settings *settings, const struct board *board, const struct field *field,
               const struct words *words) {
    return field->kind == BYTES ? set_bytes(settings, field, words) : set_number(settings, board, field, words);
}

static bool is_missing(const struct settings *settings, const struct field *field) {
    if (!field->is_needed) return false;
    return field->kind == BYTES ? is_zero(value_at(settings, field), (uint8_t)field->least)
                                : number_at(settings, field) == 0;
}

bool find_missing(const struct settings *settings, struct field *field) {
    for (uint8_t i = 0; i < FIELD_COUNT; i++) {
        read_field(field, i);
        if (is_missing(settings, field)) return true;
    }
    return false;
}
