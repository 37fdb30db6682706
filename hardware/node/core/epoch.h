/*
 * The boot epoch (section 6), in non-volatile memory: 32 slots of epoch, CRC and mark, written in
 * turn. A cut write loses at most the slot that was being written, which is the oldest.
 */
#ifndef CALLPOINT_EPOCH_H
#define CALLPOINT_EPOCH_H

#include <stdbool.h>
#include <stdint.h>

enum epoch_result { EPOCH_OK, EPOCH_UNREADABLE /* no valid slot: a new key is needed */, EPOCH_UNWRITABLE, EPOCH_SPENT };

/*
 * Reads the highest valid epoch, adds 1, writes, reads back. Call it 500 ms after the supply is
 * good.
 */
enum epoch_result epoch_next(uint32_t *epoch);

/*
 * For a new key only: makes the memory valid, so that the next start is epoch 1. It never lowers a
 * valid epoch: a node that is given another key goes on counting.
 */
bool epoch_prepare(void);

/* The highest valid epoch. Writes nothing. False if no slot is valid. */
bool epoch_last(uint32_t *epoch);

#endif
