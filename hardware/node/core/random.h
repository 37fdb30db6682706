/*
 * Random numbers that spread sendings on a shared line. They are no secret, and nothing relies on
 * one.
 */
#ifndef CALLPOINT_RANDOM_H
#define CALLPOINT_RANDOM_H

#include <stdint.h>

/* A number 0...limit, evenly spread. `state` is any number but 0. */
uint32_t random_upto(uint32_t *state, uint32_t limit);

#endif
