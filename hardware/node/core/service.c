#include "service.h"

#include <stddef.h>
#include <string.h>

#include "aes128.h"
#include "bytes.h"
#include "crc16.h"
#include "epoch.h"
#include "flash.h"
#include "node.h"
#include "service_text.h"
#include "settings.h"

enum {
    PROTOCOL = 1,
    CRC_DIGITS = 4,
    CHECK_VALUE_LENGTH = 3,
    BAUDS = 5,
    CONTACTS_MAX = 16,
    VOLTAGE_ABSENT = 0xFFFF
};

enum kind { NUMBER_8, NUMBER_16, BITS, YES_NO, BYTES, BAUD };

struct field {
    char name[16];
    uint8_t kind;
    uint8_t at;
    uint8_t is_needed; /* by a save: 0 is no value of it */
    uint16_t least, most; /* of BYTES: the length, twice */
};

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
enum { FIELD_COUNT = sizeof FIELDS / sizeof FIELDS[0], KEY_FIELD = 0, BUTTONS_FIELD = 3, POINTS_FIELD = 4 };

static const uint16_t BAUD_HUNDREDS[BAUDS] FLASH = {96, 192, 384, 576, 1152};

/* As they are set, and saved at `save`. */
static struct settings staged;
static bool is_staged, is_changed, is_saved;

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

static void *place(const struct field *field) { return (uint8_t *)&staged + field->at; }

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

static uint32_t number_at(const struct field *field) {
    uint16_t value;
    switch (field->kind) {
    case NUMBER_8:
        return *(const uint8_t *)place(field);
    case YES_NO:
        return *(const bool *)place(field);
    default:
        memcpy(&value, place(field), sizeof value);
        return value;
    }
}

static void put_value(struct text *answer, const struct field *field) {
    const uint8_t *const bytes = place(field);
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
    const uint32_t value = number_at(field);
    if (field->kind == BITS) {
        put_bits(answer, (uint16_t)value);
    } else if (field->kind == YES_NO) {
        put(answer, value != 0 ? TEXT("yes") : TEXT("no"));
    } else {
        put_number(answer, field->kind == BAUD ? value * 100 : value);
    }
}

static void put_field(struct text *answer, const struct field *field) {
    put_ram(answer, field->name);
    put(answer, TEXT(" "));
    put_value(answer, field);
}

static void put_bauds(struct text *answer, const struct board *board) {
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

static void refuse_value(struct text *answer, const struct board *board, const struct field *field) {
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
static bool set_bytes(const struct field *field, const struct words *words) {
    uint8_t bytes[KEY_LENGTH];
    const uint8_t length = (uint8_t)field->least;
    if (!take_hex(words, bytes, length) || is_zero(bytes, length)) return false;
    uint8_t ones = 0xFF;
    for (uint8_t i = 0; i < length; i++) ones &= bytes[i];
    if (ones == 0xFF) return false;
    memcpy(place(field), bytes, length);
    return true;
}

static bool set_number(const struct board *board, const struct field *field, const struct words *words) {
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
        *(uint8_t *)place(field) = (uint8_t)value;
    } else if (field->kind == YES_NO) {
        *(bool *)place(field) = value != 0;
    } else {
        memcpy(place(field), &two_bytes, sizeof two_bytes);
    }
    return true;
}

/* Finds the field that the first of the words names, and takes that word. */
static bool take_field(const struct board *board, struct words *words, struct field *field) {
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

static void get(struct text *answer, const struct board *board, struct words *words) {
    struct field field;
    if (words->length == 0) {
        put(answer, TEXT("+board "));
        put_ram(answer, board->name);
        put(answer, TEXT(" protocol "));
        put_number(answer, PROTOCOL);
        put(answer, TEXT(" firmware "));
        put_number(answer, FIRMWARE_MAJOR);
        put(answer, TEXT("."));
        put_number(answer, FIRMWARE_MINOR);
        put(answer, TEXT(" buttons "));
        put_number(answer, board->buttons_max);
        put(answer, TEXT(" points "));
        put_number(answer, board->points_max);
    } else if (is_word(words, TEXT("bauds"))) {
        put(answer, TEXT("+bauds "));
        put_bauds(answer, board);
    } else if (take_field(board, words, &field) && words->length == 0) {
        put(answer, TEXT("+"));
        put_field(answer, &field);
    } else {
        refuse(answer, TEXT("command"));
    }
}

static void set(struct text *answer, const struct board *board, struct words *words) {
    struct field field;
    if (!take_field(board, words, &field)) {
        refuse(answer, TEXT("command"));
    } else if (field.kind == BYTES ? set_bytes(&field, words) : set_number(board, &field, words)) {
        is_changed = true;
        put(answer, TEXT("+"));
        put_field(answer, &field);
    } else {
        refuse_value(answer, board, &field);
    }
}

static bool is_missing(const struct field *field) {
    if (!field->is_needed) return false;
    return field->kind == BYTES ? is_zero(place(field), (uint8_t)field->least) : number_at(field) == 0;
}

/* What is read back afterwards is what the memory holds. */
static void load(void) {
    is_saved = settings_load(&staged);
    if (!is_saved) memset(&staged, 0, sizeof staged);
    is_staged = true;
    is_changed = false;
}

static void save(struct text *answer) {
    for (uint8_t i = 0; i < FIELD_COUNT; i++) {
        struct field field;
        read_field(&field, i);
        if (!is_missing(&field)) continue;
        refuse(answer, TEXT("missing "));
        put_ram(answer, field.name);
        return;
    }
    switch (settings_save(&staged)) {
    case SETTINGS_SAVED:
        load();
        if (is_saved) {
            put(answer, TEXT("+saved"));
            return;
        }
        break;
    case SETTINGS_EPOCH_LOST:
        refuse(answer, TEXT("epoch lost: the node needs a new key"));
        return;
    case SETTINGS_UNWRITABLE:
        break;
    }
    refuse(answer, TEXT("storage cannot be written"));
}

static void put_voltage(struct text *answer, uint16_t millivolts) {
    if (millivolts == VOLTAGE_ABSENT) {
        put(answer, TEXT("none"));
    } else {
        put_number(answer, millivolts);
    }
}

static void status(struct text *answer) {
    struct service_measures seen;
    uint32_t epoch;
    service_measure(&seen);
    put(answer, TEXT("+status settings "));
    put(answer, is_changed ? TEXT("changed") : is_saved ? TEXT("saved") : TEXT("none"));
    put(answer, TEXT(" epoch "));
    if (epoch_last(&epoch)) {
        put_number(answer, epoch);
    } else {
        put(answer, TEXT("none"));
    }
    put(answer, TEXT(" supply "));
    put_voltage(answer, seen.supply_mv);
    put(answer, TEXT(" battery "));
    put_voltage(answer, seen.battery_mv);
}

static void put_mask(struct text *answer, uint16_t bits) {
    const uint8_t bytes[2] = {(uint8_t)(bits >> 8), (uint8_t)(bits & 0xFF)};
    put_hex(answer, bytes, sizeof bytes);
}

/* In masks: two lists of 16 numbers would be longer than a line. */
static void contacts(struct text *answer) {
    struct service_measures seen;
    service_measure(&seen);
    put(answer, TEXT("+contacts cover "));
    put(answer, seen.cover_off ? TEXT("off") : TEXT("on"));
    put(answer, TEXT(" buttons "));
    put_mask(answer, seen.buttons);
    put(answer, TEXT(" points "));
    put_mask(answer, seen.points);
}

static void test(struct text *answer, const struct words *words) {
    const bool all = is_word(words, TEXT("all"));
    const bool amber = all || is_word(words, TEXT("amber"));
    const bool red = amber || is_word(words, TEXT("red"));
    const bool green = amber || is_word(words, TEXT("green"));
    const bool buzzer = all || is_word(words, TEXT("buzzer"));
    if (!red && !green && !buzzer && !is_word(words, TEXT("off"))) {
        refuse(answer, TEXT("command"));
        return;
    }
    service_show(red, green, buzzer);
    put(answer, TEXT("+test "));
    put_words(answer, words);
}

static void command(struct text *answer, const struct board *board, struct words *words) {
    struct words name;
    next_word(words, &name);
    if (is_word(&name, TEXT("get"))) {
        get(answer, board, words);
    } else if (is_word(&name, TEXT("set"))) {
        set(answer, board, words);
    } else if (is_word(&name, TEXT("test"))) {
        test(answer, words);
    } else if (words->length > 0) {
        refuse(answer, TEXT("command"));
    } else if (is_word(&name, TEXT("save"))) {
        save(answer);
    } else if (is_word(&name, TEXT("erase"))) {
        const bool is_erased = settings_erase();
        load();
        if (is_erased) {
            put(answer, TEXT("+erased"));
        } else {
            refuse(answer, TEXT("storage cannot be written"));
        }
    } else if (is_word(&name, TEXT("status"))) {
        status(answer);
    } else if (is_word(&name, TEXT("contacts"))) {
        contacts(answer);
    } else {
        refuse(answer, TEXT("command"));
    }
}

/* The CRC behind the words, which it shortens by it. */
static bool take_crc(struct words *words) {
    uint8_t sent[2];
    if (words->length < 1 + CRC_DIGITS) return false;
    words->length = (uint8_t)(words->length - 1 - CRC_DIGITS);
    const struct words digits = {words->at + words->length + 1, CRC_DIGITS};
    if (words->at[words->length] != '*' || !take_hex(&digits, sent, sizeof sent)) return false;
    return crc16((const uint8_t *)words->at, words->length) == (uint16_t)(sent[0] << 8 | sent[1]);
}

/* Inlined, it would take its room on the stack while the node runs, too. */
__attribute__((noinline)) uint8_t service_line(const struct board *board, const char *line, uint8_t length, char answer[SERVICE_LINE_MAX]) {
    struct text text = {answer, 0, SERVICE_LINE_MAX - 2 - CRC_DIGITS};
    if (length < 1 || line[0] != '@') return 0;
    struct words words = {line + 1, (uint8_t)(length - 1)};
    if (!is_staged) load();
    if (take_crc(&words)) {
        command(&text, board, &words);
    } else {
        refuse(&text, TEXT("crc"));
    }
    return end_line(&text);
}
