/*
 * The node's service port and its memory on the host, for tests. The memory is 512 bytes that may be
 * cut: after so many writes one byte becomes anything, and nothing more is written.
 */
#include "../../../hardware/node/core/service.c"
#include "../../../hardware/node/core/storage.h"

static uint8_t memory[STORAGE_LENGTH];
static int32_t writes_left = -1; /* -1: no cut */
static uint8_t cut_byte;
static uint32_t write_count;
static struct service_measures measures = {.supply_mv = 23900, .battery_mv = 0xFFFF};
static uint8_t shown;
static struct board board = {"nano-328p-16mhz", 4, 3, 31};

uint8_t storage_read(uint16_t at) { return memory[at]; }

bool storage_write(uint16_t at, uint8_t byte) {
    if (memory[at] == byte) return true;
    if (writes_left == 0) return false;
    write_count++;
    if (writes_left > 0 && --writes_left == 0) {
        memory[at] = cut_byte;
        return false;
    }
    memory[at] = byte;
    return true;
}

void service_measure(struct service_measures *out) { *out = measures; }

void service_show(bool red, bool green, bool buzzer) { shown = (uint8_t)(red | green << 1 | buzzer << 2); }

void host_start(uint32_t writes, uint8_t byte) {
    is_staged = is_changed = is_saved = false;
    shown = 0;
    write_count = 0;
    writes_left = writes == 0xFFFFFFFFU ? -1 : (int32_t)writes;
    cut_byte = byte;
}

void host_read_memory(uint8_t *out) { memcpy(out, memory, sizeof memory); }
void host_write_memory(const uint8_t *in) { memcpy(memory, in, sizeof memory); }
uint32_t host_write_count(void) { return write_count; }
uint8_t host_shown(void) { return shown; }
void host_board(uint8_t buttons_max, uint8_t points_max, uint16_t bauds) {
    board.buttons_max = buttons_max;
    board.points_max = points_max;
    board.bauds = bauds;
}
void host_contacts(uint16_t buttons, uint16_t points, bool cover_off) {
    measures.buttons = buttons;
    measures.points = points;
    measures.cover_off = cover_off;
}

/* Canaries around the answer show a write beyond it. */
uint8_t host_line(const uint8_t *line, uint8_t length, uint8_t *answer) {
    static char room[SERVICE_LINE_MAX + 32];
    memset(room, 0x55, sizeof room);
    const uint8_t count = service_line(&board, (const char *)line, length, room + 16);
    for (uint8_t i = 0; i < 16; i++) {
        if (room[i] != 0x55 || room[16 + SERVICE_LINE_MAX + i] != 0x55) return 0xFF;
    }
    memcpy(answer, room + 16, count);
    return count;
}

/* 1 and the key and the address that the node would start with; 0: it would not. */
uint8_t host_load(uint8_t *key, uint8_t *address) {
    struct settings settings;
    if (!settings_load(&settings)) return 0;
    memcpy(key, settings.key, KEY_LENGTH);
    *address = settings.address;
    return 1;
}

/* The epoch of a start; 0: the node would not send. */
uint32_t host_next_epoch(void) {
    uint32_t epoch = 0;
    return epoch_next(&epoch) == EPOCH_OK ? epoch : 0;
}
