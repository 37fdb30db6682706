#include "service.h"

#include <string.h>

#include "crc16.h"
#include "epoch.h"
#include "node.h"
#include "service_fields.h"
#include "service_text.h"
#include "settings.h"

enum { PROTOCOL = 1, CRC_DIGITS = 4, VOLTAGE_ABSENT = 0xFFFF };

/* As they are set, and saved at `save`. */
static struct settings staged;
static bool is_staged, is_changed, is_saved;

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
        put_field(answer, &staged, &field);
    } else {
        refuse(answer, TEXT("command"));
    }
}

static void set(struct text *answer, const struct board *board, struct words *words) {
    struct field field;
    if (!take_field(board, words, &field)) {
        refuse(answer, TEXT("command"));
    } else if (set_field(&staged, board, &field, words)) {
        is_changed = true;
        put(answer, TEXT("+"));
        put_field(answer, &staged, &field);
    } else {
        refuse_value(answer, board, &field);
    }
}

/* What is read back afterwards is what the memory holds. */
static void load(void) {
    is_saved = settings_load(&staged);
    if (!is_saved) memset(&staged, 0, sizeof staged);
    is_staged = true;
    is_changed = false;
}

static void save(struct text *answer) {
    struct field field;
    if (find_missing(&staged, &field)) {
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
