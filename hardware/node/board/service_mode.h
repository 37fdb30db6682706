#ifndef CALLPOINT_SERVICE_MODE_H
#define CALLPOINT_SERVICE_MODE_H

/* Answers the service port (service.h) until the jumper is taken off. Then it restarts the chip. */
void service_mode(void) __attribute__((noreturn));

#endif
