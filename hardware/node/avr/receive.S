; The receive interrupt. The byte of another node's frame ends here, after 30 cycles: only a 00
; matters then. Anything else goes on in __vector_take_byte (line.c), which gets it in GPIOR1.

#include <avr/io.h>
#include "events.h"

#if defined(USART_RX_vect)
#define RECEIVE_VECTOR USART_RX_vect
#else
#define RECEIVE_VECTOR USART0_RX_vect
#endif

.section .text
.global RECEIVE_VECTOR
RECEIVE_VECTOR:
    push r24
    lds r24, _SFR_MEM_ADDR(UDR0)
    sbi EVENT_IO, LINE_ACTIVE
    out _SFR_IO_ADDR(GPIOR1), r24
    sbis EVENT_IO, RUN_DROPPED
    rjmp wanted
    in r24, _SFR_IO_ADDR(SREG)
    push r24
    in r24, _SFR_IO_ADDR(GPIOR1)
    tst r24
    breq delimiter
    pop r24
    out _SFR_IO_ADDR(SREG), r24
    pop r24
    reti
delimiter:
    pop r24
    out _SFR_IO_ADDR(SREG), r24
wanted:
    pop r24
    jmp __vector_take_byte
