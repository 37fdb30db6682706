#include "settings.h"

#include <string.h>

#include "bytes.h"
#include "crc16.h"
#include "epoch.h"
#include "storage.h"

/*
 * Two copies, written in turn. A copy is its bytes, their CRC, and a mark. The mark is taken away
 * before anything is written, and set when all of it was read back. So a cut write leaves a copy
 * without its mark, whatever the byte is that was being written. The other copy is untouched.
 */
enum {
    COPY_0_AT = 256,
    COPY_1_AT = 384,
    LAYOUT = 1,
    SEQUENCE_AT = 1, /* of the two copies the later one counts */
    KEY_AT = 2,
    SERIAL_AT = 18,
    ADDRESS_AT = 26,
    BUTTONS_AT = 27,
    POINTS_AT = 28,
    FLAGS_AT = 29,
    LONG_PRESS_AT = 30,
    NORMALLY_CLOSED_AT = 32,
    SILENT_AT = 34,
    HEARTBEAT_AT = 36,
    BAUD_AT = 38,
    LOW_BATTERY_AT = 40,
    CRC_AT = 42,
    MARK_AT = 44,
    COPY_LENGTH = 45,
    FLAG_SHARED_LINE = 1,
    FLAG_BUZZER = 2,
    MARK_VALID = 0xA5,
    /* Whole, but its key has never been used: the epoch is not ready for it yet. */
    MARK_PENDING = 0x3C,
    MARK_NONE = 0x5A,
    CONTACTS_MAX = 16,
    HEARTBEAT_SECONDS_MIN = 5,
    HEARTBEAT_SECONDS_MAX = 3600
};

struct copy {
    uint16_t at;
    uint8_t mark; /* MARK_NONE: not valid, and nothing else is known of it */
    uint8_t bytes[MARK_AT];
};

static uint16_t get_u16(const uint8_t *bytes) { return (uint16_t)(bytes[0] | bytes[1] << 8); }

static void unpack(struct settings *settings, const uint8_t *bytes) {
    memcpy(settings->key, bytes + KEY_AT, KEY_LENGTH);
    memcpy(settings->serial, bytes + SERIAL_AT, SERIAL_LENGTH);
    settings->address = bytes[ADDRESS_AT];
    settings->buttons = bytes[BUTTONS_AT];
    settings->points = bytes[POINTS_AT];
    settings->shared_line = (bytes[FLAGS_AT] & FLAG_SHARED_LINE) != 0;
    settings->buzzer = (bytes[FLAGS_AT] & FLAG_BUZZER) != 0;
    settings->long_press = get_u16(bytes + LONG_PRESS_AT);
    settings->normally_closed = get_u16(bytes + NORMALLY_CLOSED_AT);
    settings->silent = get_u16(bytes + SILENT_AT);
    settings->heartbeat_seconds = get_u16(bytes + HEARTBEAT_AT);
    settings->baud_hundreds = get_u16(bytes + BAUD_AT);
    settings->low_battery_mv = get_u16(bytes + LOW_BATTERY_AT);
}

static void pack(uint8_t *bytes, const struct settings *settings, uint8_t sequence) {
    bytes[0] = LAYOUT;
    bytes[SEQUENCE_AT] = sequence;
    memcpy(bytes + KEY_AT, settings->key, KEY_LENGTH);
    memcpy(bytes + SERIAL_AT, settings->serial, SERIAL_LENGTH);
    bytes[ADDRESS_AT] = settings->address;
    bytes[BUTTONS_AT] = settings->buttons;
    bytes[POINTS_AT] = settings->points;
    bytes[FLAGS_AT] = (uint8_t)((settings->shared_line ? FLAG_SHARED_LINE : 0) | (settings->buzzer ? FLAG_BUZZER : 0));
    put_u16(bytes + LONG_PRESS_AT, settings->long_press);
    put_u16(bytes + NORMALLY_CLOSED_AT, settings->normally_closed);
    put_u16(bytes + SILENT_AT, settings->silent);
    put_u16(bytes + HEARTBEAT_AT, settings->heartbeat_seconds);
    put_u16(bytes + BAUD_AT, settings->baud_hundreds);
    put_u16(bytes + LOW_BATTERY_AT, settings->low_battery_mv);
    const uint16_t crc = crc16(bytes, CRC_AT);
    bytes[CRC_AT] = (uint8_t)(crc >> 8);
    bytes[CRC_AT + 1] = (uint8_t)(crc & 0xFF);
}

static void read_copy(struct copy *copy, uint16_t at) {
    copy->at = at;
    copy->mark = storage_read((uint16_t)(at + MARK_AT));
    for (uint8_t i = 0; i < MARK_AT; i++) copy->bytes[i] = storage_read((uint16_t)(at + i));
    const bool is_known = copy->mark == MARK_VALID || copy->mark == MARK_PENDING;
    if (!is_known || copy->bytes[0] != LAYOUT || crc16(copy->bytes, MARK_AT) != CRC16_GOOD) copy->mark = MARK_NONE;
}

/* Reads the copy that counts into `present`. Returns the place of the other one. */
static uint16_t read_present(struct copy *present) {
    read_copy(present, COPY_0_AT);
    const uint8_t mark = present->mark, sequence = present->bytes[SEQUENCE_AT];
    read_copy(present, COPY_1_AT);
    const bool is_later = present->mark == mark ? (int8_t)(uint8_t)(present->bytes[SEQUENCE_AT] - sequence) > 0
                                                : present->mark == MARK_VALID || mark == MARK_NONE;
    if (is_later) return COPY_0_AT;
    /* Once more: two copies at a time would be too much for the stack. */
    read_copy(present, COPY_0_AT);
    return COPY_1_AT;
}

static bool set_mark(uint16_t at, uint8_t mark) { return storage_write((uint16_t)(at + MARK_AT), mark); }

static bool write_copy(uint16_t at, const uint8_t *bytes, uint8_t mark) {
    if (!set_mark(at, MARK_NONE)) return false;
    for (uint8_t i = 0; i < MARK_AT; i++) {
        if (!storage_write((uint16_t)(at + i), bytes[i])) return false;
    }
    /* A worn cell may have changed with its neighbour. */
    for (uint8_t i = 0; i < MARK_AT; i++) {
        if (storage_read((uint16_t)(at + i)) != bytes[i]) return false;
    }
    return set_mark(at, mark);
}

static bool erase_copy(uint16_t at) {
    bool is_erased = set_mark(at, MARK_NONE);
    for (uint8_t i = 0; i < COPY_LENGTH; i++) is_erased &= storage_write((uint16_t)(at + i), 0xFF);
    return is_erased;
}

/*
 * The epoch memory is lost, and the key changes. The old key must not be left when the memory
 * counts from 0 again, and the new one must not be used before. A cut at any instant leaves either
 * the old copy and no epoch, or the pending copy, or no settings.
 */
static bool save_with_epoch(uint16_t at, uint16_t old_at, const uint8_t *bytes) {
    return write_copy(at, bytes, MARK_PENDING) && erase_copy(old_at) && epoch_prepare() && set_mark(at, MARK_VALID);
}

bool settings_are_whole(const struct settings *settings) {
    uint8_t ones = 0xFF, zeros = 0;
    for (uint8_t i = 0; i < KEY_LENGTH; i++) {
        ones &= settings->key[i];
        zeros |= settings->key[i];
    }
    switch (settings->baud_hundreds) {
    case 96:
    case 192:
    case 384:
    case 576:
    case 1152:
        break;
    default:
        return false;
    }
    /* Erased memory is no key, and no address. */
    return ones != 0xFF && zeros != 0 && settings->address >= ADDRESS_MIN && settings->address <= ADDRESS_MAX &&
           settings->buttons <= CONTACTS_MAX && settings->points <= CONTACTS_MAX &&
           settings->heartbeat_seconds >= HEARTBEAT_SECONDS_MIN &&
           settings->heartbeat_seconds <= HEARTBEAT_SECONDS_MAX;
}

bool settings_load(struct settings *settings) {
    struct copy present;
    read_present(&present);
    if (present.mark != MARK_VALID) return false;
    unpack(settings, present.bytes);
    return settings_are_whole(settings);
}

enum settings_result settings_save(const struct settings *settings) {
    struct copy present;
    uint8_t bytes[MARK_AT];
    uint32_t epoch;
    const uint16_t at = read_present(&present);
    pack(bytes, settings, present.mark == MARK_NONE ? 0 : (uint8_t)(present.bytes[SEQUENCE_AT] + 1));
    if (epoch_last(&epoch)) {
        return write_copy(at, bytes, MARK_VALID) ? SETTINGS_SAVED : SETTINGS_UNWRITABLE;
    }
    if (present.mark == MARK_VALID && memcmp(present.bytes + KEY_AT, settings->key, KEY_LENGTH) == 0) {
        return SETTINGS_EPOCH_LOST;
    }
    return save_with_epoch(at, present.at, bytes) ? SETTINGS_SAVED : SETTINGS_UNWRITABLE;
}

bool settings_erase(void) {
    struct copy present;
    /* The older copy goes first: it must not count when the erasing is cut. */
    const bool is_old_erased = erase_copy(read_present(&present));
    return erase_copy(present.at) && is_old_erased;
}
