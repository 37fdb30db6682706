/* When the node may send on a shared line (section 9). */
#ifndef CALLPOINT_SENDER_H
#define CALLPOINT_SENDER_H

#include <stdbool.h>
#include <stdint.h>

#include "../core/node.h"

void sender_start(bool is_shared, uint16_t random);

/* Call it in every pass of the main loop. `window_over`: EVENT_WINDOW was left. */
void sender_step(struct node *node, bool window_over, uint32_t now);

/* Nothing waits for the line, and nothing is being sent. */
bool sender_is_idle(void);

#endif
