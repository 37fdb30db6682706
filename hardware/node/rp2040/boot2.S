// The second boot stage: the ROM loads these 252 bytes into RAM and runs them if the CRC-32 after
// them is right (RP2040 data sheet, section 2.8.1; check/boot2.ts writes the CRC). It lets the flash
// chip be read as memory by the command 03, which every chip knows, and starts the program.

    .syntax unified
    .cpu cortex-m0plus
    .thumb
    .section .boot2, "ax"
    .global boot2
    .thumb_func
boot2:
    ldr r3, =0x18000000         // XIP_SSI
    movs r1, #0
    str r1, [r3, #0x08]         // SSIENR: off while it is set up
    movs r1, #4
    str r1, [r3, #0x14]         // BAUDR: clock / 4
    ldr r1, =0x001F0300         // CTRLR0: frames of 32 bits, EEPROM read
    str r1, [r3, #0x00]
    movs r1, #0
    str r1, [r3, #0x04]         // CTRLR1: one frame
    ldr r1, =0x03000218         // SPI_CTRLR0: command 03, 8 bits, then 24 bits of address
    ldr r0, =0x180000F4
    str r1, [r0]
    movs r1, #1
    str r1, [r3, #0x08]         // SSIENR: on
    ldr r0, =0x10000100         // the program's vector table
    ldr r1, =0xE000ED08         // VTOR
    str r0, [r1]
    ldmia r0!, {r1, r2}
    msr msp, r1
    bx r2
    .ltorg
