/*
 * 512 bytes in two flash sectors of 4096. The newer sector holds an image of all bytes and, behind
 * it, a record of 4 bytes for each write since: address, byte, sum. When it is full, the other one
 * is erased and gets a new image; its head, with a higher number, is written last. So a power cut
 * loses at most the byte that was being written, which then keeps its old value.
 */
#include "../core/storage.h"

#include <string.h>

#include "registers.h"

enum { PAGE = 256, SECTOR = 4096, IMAGE_AT = PAGE, RECORDS_AT = IMAGE_AT + STORAGE_LENGTH, RECORD = 4 };
#define FLASH_BASE 0x10000000u
#define FIRST_SECTOR (2u * 1024 * 1024 - 2 * SECTOR)
#define MAGIC 0x43504E31u
#define RAM_CODE __attribute__((noinline, section(".ram_code")))

struct head {
    uint32_t magic, number, inverse;
};

static uint8_t bytes[STORAGE_LENGTH];
static bool is_loaded;
static uint32_t sector, number; /* the newer one */
static uint32_t next_record;

/* The ROM's functions, by their two letters (data sheet, section 2.8.3). */
typedef void rom_plain(void);
typedef void rom_erase(uint32_t at, uint32_t length, uint32_t block, uint8_t command);
typedef void rom_program(uint32_t at, const uint8_t *data, uint32_t length);
typedef void *rom_lookup(uint16_t *table, uint32_t code);

static struct {
    rom_plain *connect, *exit_xip, *flush, *enter_xip;
    rom_erase *erase;
    rom_program *program;
} rom;

static void *rom_function(char first, char second) {
    /* min-pagesize=0 in the Makefile: the ROM lies at address 0, which is no mistake here. */
    const uint16_t *const pointers = (const uint16_t *)0x14;
    rom_lookup *const lookup = (rom_lookup *)(uintptr_t)pointers[2];
    return lookup((uint16_t *)(uintptr_t)pointers[0], (uint32_t)second << 8 | (uint8_t)first);
}

static void find_rom_functions(void) {
    rom.connect = (rom_plain *)rom_function('I', 'F');
    rom.exit_xip = (rom_plain *)rom_function('E', 'X');
    rom.erase = (rom_erase *)rom_function('R', 'E');
    rom.program = (rom_program *)rom_function('R', 'P');
    rom.flush = (rom_plain *)rom_function('F', 'C');
    rom.enter_xip = (rom_plain *)rom_function('C', 'X');
}

/* Flash cannot be read meanwhile, so this runs in RAM without interrupts. `data` null: erases. */
RAM_CODE static void change_flash(uint32_t at, const uint8_t *data) {
    __asm__ volatile("cpsid i" ::: "memory");
    rom.connect();
    rom.exit_xip();
    if (data == NULL) rom.erase(at, SECTOR, 1u << 16, 0xD8);
    else rom.program(at, data, PAGE);
    rom.flush();
    rom.enter_xip();
    __asm__ volatile("cpsie i" ::: "memory");
}

static const uint8_t *in_flash(uint32_t at) { return (const uint8_t *)(uintptr_t)(FLASH_BASE + at); }

static uint32_t sector_at(uint32_t which) { return FIRST_SECTOR + which * SECTOR; }

/* Other bytes of the page are FF, which leaves what is there. */
static void program(uint32_t at, const void *data, uint32_t length) {
    uint8_t page[PAGE];
    memset(page, 0xFF, sizeof page);
    memcpy(page + at % PAGE, data, length);
    change_flash(at - at % PAGE, page);
}

static bool head_of(uint32_t which, uint32_t *found) {
    struct head head;
    memcpy(&head, in_flash(sector_at(which)), sizeof head);
    *found = head.number;
    return head.magic == MAGIC && head.inverse == ~head.number;
}

static uint8_t record_sum(const uint8_t record[RECORD]) {
    return (uint8_t)(0x5A ^ record[0] ^ (uint8_t)(record[1] << 1) ^ (uint8_t)(record[2] * 7));
}

static void take_records(void) {
    static const uint8_t erased[RECORD] = {0xFF, 0xFF, 0xFF, 0xFF};
    for (next_record = RECORDS_AT; next_record < SECTOR; next_record += RECORD) {
        const uint8_t *const record = in_flash(sector_at(sector) + next_record);
        if (memcmp(record, erased, RECORD) == 0) return;
        const uint32_t at = record[0] | (uint32_t)record[1] << 8;
        if (at < STORAGE_LENGTH && record[3] == record_sum(record)) bytes[at] = record[2];
    }
}

static void load(void) {
    is_loaded = true;
    find_rom_functions();
    memset(bytes, 0xFF, sizeof bytes);
    next_record = SECTOR;
    sector = 1;
    uint32_t numbers[2];
    const bool valid[2] = {head_of(0, &numbers[0]), head_of(1, &numbers[1])};
    if (!valid[0] && !valid[1]) return;
    sector = valid[1] && (!valid[0] || numbers[1] > numbers[0]);
    number = numbers[sector];
    memcpy(bytes, in_flash(sector_at(sector) + IMAGE_AT), STORAGE_LENGTH);
    take_records();
}

static bool write_image(void) {
    const uint32_t other = 1 - sector;
    const struct head head = {MAGIC, number + 1, ~(number + 1)};
    change_flash(sector_at(other), NULL);
    for (uint32_t at = 0; at < STORAGE_LENGTH; at += PAGE) {
        program(sector_at(other) + IMAGE_AT + at, bytes + at, PAGE);
    }
    if (memcmp(bytes, in_flash(sector_at(other) + IMAGE_AT), STORAGE_LENGTH) != 0) return false;
    program(sector_at(other), &head, sizeof head);
    uint32_t written;
    if (!head_of(other, &written) || written != head.number) return false;
    sector = other;
    number = head.number;
    next_record = RECORDS_AT;
    return true;
}

uint8_t storage_read(uint16_t at) {
    if (!is_loaded) load();
    return bytes[at];
}

bool storage_write(uint16_t at, uint8_t byte) {
    if (storage_read(at) == byte) return true;
    if (next_record >= SECTOR && !write_image()) return false;
    uint8_t record[RECORD] = {(uint8_t)at, (uint8_t)(at >> 8), byte, 0};
    record[3] = record_sum(record);
    const uint32_t place = sector_at(sector) + next_record;
    next_record += RECORD;
    program(place, record, RECORD);
    if (memcmp(record, in_flash(place), RECORD) != 0) return false;
    bytes[at] = byte;
    return true;
}
