/* The settings as the service port names, prints and takes them. */
#ifndef CALLPOINT_SERVICE_FIELDS_H
#define CALLPOINT_SERVICE_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include "service.h"
#include "service_text.h"
#include "settings.h"

enum kind { NUMBER_8, NUMBER_16, BITS, YES_NO, BYTES, BAUD };

struct field {
    char name[16];
    uint8_t kind;
    uint8_t at;
    uint8_t is_needed; /* by a save: 0 is no value of it */
    uint16_t least, most; /* of BYTES: the length, twice */
};

/* Finds the field that the first of the words names, and takes that word. */
bool take_field(const struct board *board, struct words *words, struct field *field);

/* False, and nothing is changed, if the words are no value that the board can have. */
bool set_field(struct settings *settings, const struct board *board, const struct field *field,
               const struct words *words);

/* Finds a field without which the settings cannot be saved. False if there is none. */
bool find_missing(const struct settings *settings, struct field *field);

/* Name and value. Of a key only its check value is shown. */
void put_field(struct text *answer, const struct settings *settings, const struct field *field);

void put_bauds(struct text *answer, const struct board *board);

/* Says which values the field can have. */
void refuse_value(struct text *answer, const struct board *board, const struct field *field);

#endif
