/*
 * Reads button-bus-vectors.txt and checks framing, COBS, CRC and header of every frame in it. C99, no library but the standard one:
 * a pattern for the receiving side of a node. Without AES, so tags are taken as given.
 *
 *     cc -std=c99 -Wall -Wextra -o vectors button-bus-vectors.c && ./vectors button-bus-vectors.txt
 *
 * Prints "N frames, N failed"; exit code 0 if none failed.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MIN_BODY = 22, MAX_BODY = 62, HEADER = 11, TAG = 8 };

struct bytes { uint8_t at[96]; int length; };

struct record {
    char name[64], expect[32];
    unsigned long address, epoch, counter;
    struct bytes type_code, nonce, aad, sealed, raw, body, wire;
};

/* CRC-16/GENIBUS. Over a good frame and its CRC it gives 0xE2F0. */
static uint16_t crc16(const uint8_t *bytes, int length) {
    uint16_t crc = 0xFFFF;
    while (length-- > 0) {
        crc ^= (uint16_t)(*bytes++ << 8);
        for (int bit = 0; bit < 8; bit++) crc = (uint16_t)(crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1);
    }
    return (uint16_t)~crc;
}

/* Decodes in place (the output never overtakes the input); the decoded length, or -1. Bodies are too short for code 0xFF. */
static int cobs_decode(uint8_t *bytes, int length) {
    int from = 0, to = 0;
    while (from < length) {
        int code = bytes[from++];
        if (code == 0 || from + code - 1 > length) return -1;
        while (--code > 0) {
            if (bytes[from] == 0) return -1;
            bytes[to++] = bytes[from++];
        }
        if (from < length) bytes[to++] = 0;
    }
    return to;
}

static int cobs_encode(const uint8_t *raw, int length, uint8_t *out) {
    int code_at = 0, next = 1;
    for (int i = 0; i < length; i++) {
        if (raw[i] != 0) { out[next++] = raw[i]; continue; }
        out[code_at] = (uint8_t)(next - code_at);
        code_at = next++;
    }
    out[code_at] = (uint8_t)(next - code_at);
    return next;
}

static uint32_t u32(const uint8_t *bytes) {
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static int known_type(uint8_t type) {
    return (type >= 0x01 && type <= 0x05) || (type >= 0x81 && type <= 0x83);
}

/* What a receiver does before it needs a key: decodes `frame` in place and names its fault, or NULL. */
static const char *parse(struct bytes *frame) {
    if (frame->length < MIN_BODY) return "tooShort";
    if (frame->length > MAX_BODY) return "tooLong";
    frame->length = cobs_decode(frame->at, frame->length);
    if (frame->length < 0) return "cobs";
    if (crc16(frame->at, frame->length) != 0xE2F0) return "crc";
    if (frame->at[0] != 1) return "version";
    if (!known_type(frame->at[2])) return "type";
    if (frame->at[1] < 1 || frame->at[1] > 254) return "address";
    return NULL;
}

static int same(const uint8_t *bytes, int length, const struct bytes *expected) {
    return length == expected->length && memcmp(bytes, expected->at, (size_t)length) == 0;
}

/* What is wrong with the record, or NULL. */
static const char *check(const struct record *r) {
    struct bytes frame = r->body;
    uint8_t buffer[96] = {0}, nonce[13] = {0};
    memcpy(buffer + 1, r->body.at, (size_t)r->body.length);
    if (!same(buffer, r->body.length + 2, &r->wire)) return "wire is not 00 body 00";
    const char *fault = parse(&frame);
    if (fault != NULL) return strcmp(fault, r->expect) == 0 ? NULL : fault;
    if (strcmp(r->expect, "ok") && strcmp(r->expect, "notAuthentic") && strcmp(r->expect, "malformed")) return "no fault";
    if (r->wire.length > 64) return "more than 64 bytes on the wire";
    if (!same(frame.at, frame.length, &r->raw)) return "raw";
    if (!same(buffer, cobs_encode(r->raw.at, r->raw.length, buffer), &r->body)) return "COBS encoding";
    if (frame.at[1] != r->address || u32(frame.at + 3) != r->epoch || u32(frame.at + 7) != r->counter) return "header";
    if (!same(frame.at + 2, 1, &r->type_code)) return "type";
    memcpy(nonce, frame.at, HEADER);
    if (!same(nonce, 13, &r->nonce)) return "nonce";
    int clear = frame.at[2] == 0x05 ? frame.length - 2 - TAG : HEADER;
    if (!same(frame.at, clear, &r->aad)) return "associated data";
    if (!same(frame.at + clear, frame.length - 2 - clear, &r->sealed)) return "sealed";
    return NULL;
}

static void unhex(const char *text, struct bytes *out) {
    unsigned byte;
    out->length = 0;
    for (; out->length < 96 && sscanf(text, "%2x", &byte) == 1; text += 2) out->at[out->length++] = (uint8_t)byte;
}

static void set(struct record *r, const char *name, const char *value) {
    if (!strcmp(name, "frame")) { memset(r, 0, sizeof *r); strncpy(r->name, value, sizeof r->name - 1); }
    if (!strcmp(name, "expect")) strncpy(r->expect, value, sizeof r->expect - 1);
    if (!strcmp(name, "address")) r->address = strtoul(value, NULL, 10);
    if (!strcmp(name, "epoch")) r->epoch = strtoul(value, NULL, 10);
    if (!strcmp(name, "counter")) r->counter = strtoul(value, NULL, 10);
    if (!strcmp(name, "typeCode")) unhex(value, &r->type_code);
    if (!strcmp(name, "nonce")) unhex(value, &r->nonce);
    if (!strcmp(name, "aad")) unhex(value, &r->aad);
    if (!strcmp(name, "sealed")) unhex(value, &r->sealed);
    if (!strcmp(name, "raw")) unhex(value, &r->raw);
    if (!strcmp(name, "body")) unhex(value, &r->body);
    if (!strcmp(name, "wire")) unhex(value, &r->wire);
}

int main(int argc, char **argv) {
    static struct record r;
    char line[256], name[32], value[192], second[32];
    int frames = 0, failed = 0;
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (file == NULL) return fprintf(stderr, "usage: %s button-bus-vectors.txt\n", argv[0]), 2;
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '#' || sscanf(line, "%31s %191s %31s", name, value, second) < 2) continue;
        set(&r, name, value);
        if (strcmp(name, "end")) continue;
        const char *wrong = check(&r);
        frames++;
        if (wrong != NULL) failed++, printf("%s: expected %s: %s\n", r.name, r.expect, wrong);
    }
    fclose(file);
    printf("%d frames, %d failed\n", frames, failed);
    return frames > 0 && failed == 0 ? 0 : 1;
}
