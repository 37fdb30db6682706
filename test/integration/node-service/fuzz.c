/*
 * Feeds the service port lines of chance, over a memory of chance, with the power cut at chance.
 * Built with the address and undefined behaviour sanitizers, which end it at the first fault.
 */
#include "host.c"

#include <stdio.h>
#include <stdlib.h>

static uint64_t state;

static uint32_t chance(uint32_t below) {
    state = state * UINT64_C(6364136223846793005) + 1;
    return (uint32_t)(state >> 33) % below;
}

static const char *const WORDS[] = {"get",    "set",    "save",  "erase",  "status",          "contacts",   "test",
                                    "key",    "serial", "baud",  "buzzer", "normally-closed", "long-press", "address",
                                    "115200", "17",     "0,1,2", "none",   "yes",             "red",        "all",
                                    "2f1d9c46e07ab3584c61d80f927be3a5",    "001A790000004002"};

static uint8_t sealed(char *line, uint8_t length) {
    const uint16_t crc = crc16((const uint8_t *)line + 1, (uint8_t)(length - 1));
    char sum[6];
    snprintf(sum, sizeof sum, "*%04X", (unsigned)crc);
    memcpy(line + length, sum, 5);
    return (uint8_t)(length + 5);
}

static uint8_t make_line(char *line) {
    uint8_t length = 1;
    line[0] = '@';
    for (uint32_t count = chance(5); count > 0; count--) {
        const char *const word = WORDS[chance(sizeof WORDS / sizeof WORDS[0])];
        if (length + strlen(word) + 6 > SERVICE_LINE_MAX) break;
        memcpy(line + length, word, strlen(word));
        length = (uint8_t)(length + strlen(word));
        if (count > 1) line[length++] = ' ';
    }
    if (chance(8) == 0) line[chance(length)] = (char)chance(256);
    return sealed(line, length);
}

/* What a save needs, so that chance goes on from there. */
static void set_up(void) {
    static const char *const LINES[] = {"@set key 2f1d9c46e07ab3584c61d80f927be3a5", "@set serial 001A790000004002",
                                        "@set address 17", "@set heartbeat 30", "@set baud 115200"};
    for (uint8_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++) {
        char line[SERVICE_LINE_MAX], answer[SERVICE_LINE_MAX];
        strcpy(line, LINES[i]);
        if (i == 0 && chance(2) == 0) line[9] = (char)('0' + chance(10));
        service_line(&board, line, sealed(line, (uint8_t)strlen(line)), answer);
    }
}

int main(int count, char **arguments) {
    unsigned saved = 0, lost = 0, worn = 0;
    state = count > 1 ? strtoull(arguments[1], NULL, 10) : 1;
    for (long round = 0; round < 200000; round++) {
        /* Of its own size, so that a read beyond its end is seen. */
        char made[SERVICE_LINE_MAX];
        uint8_t length = make_line(made);
        if (chance(10) == 0) length = (uint8_t)chance(length + 1U);
        char *const line = malloc(length == 0 ? 1 : length);
        char *const answer = malloc(SERVICE_LINE_MAX);
        memcpy(line, made, length);
        const uint8_t answered = service_line(&board, line, length, answer);
        if (answered > SERVICE_LINE_MAX || (answered > 0 && answer[answered - 1] != '\n')) return 1;
        saved += answered > 6 && memcmp(answer, "+saved", 6) == 0;
        lost += answered > 6 && memcmp(answer, "-epoch", 6) == 0;
        worn += answered > 8 && memcmp(answer, "-storage", 8) == 0;
        free(line);
        free(answer);
        if (chance(50) == 0) host_start(chance(4) == 0 ? 1 + chance(60) : 0xFFFFFFFFU, (uint8_t)chance(256));
        if (chance(50) == 0) memory[chance(STORAGE_LENGTH)] = (uint8_t)chance(256);
        if (chance(20) == 0) set_up();
        if (chance(500) == 0) {
            for (uint16_t at = 0; at < STORAGE_LENGTH; at++) memory[at] = (uint8_t)chance(256);
        }
        host_contacts((uint16_t)chance(65536), (uint16_t)chance(65536), chance(2) == 0);
    }
    printf("%u saved, %u without an epoch, %u not written\n", saved, lost, worn);
    return 0;
}
