#include "epoch.h"

#include "bytes.h"
#include "crc16.h"
#include "storage.h"

/*
 * A slot: epoch in 4 bytes, its CRC in 2, one spare byte, and a mark. The mark is taken away before
 * the epoch is written, and set after it was read back. So a cut write leaves a slot without its
 * mark, whatever the byte is that was being written; or, cut in the mark itself, a whole slot.
 */
enum { SLOTS = 32, SLOT_LENGTH = 8, EPOCH_LENGTH = 4, SUM_LENGTH = 6, MARK_AT = 7, MARK = 0xA5, NO_MARK = 0x5A };
/* Is never used: erased memory reads as this (section 6). */
#define EPOCH_END 0xFFFFFFFFUL

static uint16_t at(uint8_t slot, uint8_t offset) { return (uint16_t)(slot * SLOT_LENGTH + offset); }

static bool slot_read(uint8_t slot, uint32_t *epoch) {
    uint8_t bytes[SUM_LENGTH];
    if (storage_read(at(slot, MARK_AT)) != MARK) return false;
    for (uint8_t i = 0; i < SUM_LENGTH; i++) bytes[i] = storage_read(at(slot, i));
    *epoch = get_u32(bytes);
    return crc16(bytes, SUM_LENGTH) == CRC16_GOOD && *epoch != EPOCH_END;
}

static bool slot_holds(uint8_t slot, uint32_t epoch) {
    uint32_t kept;
    return slot_read(slot, &kept) && kept == epoch;
}

static bool slot_write(uint8_t slot, uint32_t epoch) {
    uint8_t bytes[SUM_LENGTH];
    put_u32(bytes, epoch);
    const uint16_t crc = crc16(bytes, EPOCH_LENGTH);
    bytes[4] = (uint8_t)(crc >> 8);
    bytes[5] = (uint8_t)(crc & 0xFF);
    if (!storage_write(at(slot, MARK_AT), NO_MARK)) return false;
    for (uint8_t i = 0; i < SUM_LENGTH; i++) {
        if (!storage_write(at(slot, i), bytes[i])) return false;
    }
    return storage_write(at(slot, MARK_AT), MARK) && slot_holds(slot, epoch);
}

/* The highest valid epoch and a slot of it. False if no slot is valid. */
static bool find_highest(uint32_t *epoch, uint8_t *slot) {
    bool found = false;
    for (uint8_t i = 0; i < SLOTS; i++) {
        uint32_t kept;
        if (!slot_read(i, &kept) || (found && kept < *epoch)) continue;
        found = true;
        *epoch = kept;
        *slot = i;
    }
    return found;
}

enum epoch_result epoch_next(uint32_t *epoch) {
    uint32_t last = 0;
    uint8_t slot = 0;
    if (!find_highest(&last, &slot)) return EPOCH_UNREADABLE;
    if (last + 1 == EPOCH_END) return EPOCH_SPENT;
    /*
     * A worn slot is passed over. One that holds the last epoch stays: it may be the only proof of
     * it.
     */
    for (uint8_t tried = 1; tried < SLOTS; tried++) {
        const uint8_t next = (uint8_t)((slot + tried) % SLOTS);
        if (slot_holds(next, last) || !slot_write(next, last + 1)) continue;
        *epoch = last + 1;
        return EPOCH_OK;
    }
    return EPOCH_UNWRITABLE;
}

bool epoch_prepare(void) {
    uint32_t last = 0;
    uint8_t slot = 0;
    if (find_highest(&last, &slot)) return true;
    for (slot = 0; slot < SLOTS; slot++) {
        if (slot_write(slot, 0)) return true;
    }
    return false;
}

bool epoch_last(uint32_t *epoch) {
    uint8_t slot;
    return find_highest(epoch, &slot);
}
