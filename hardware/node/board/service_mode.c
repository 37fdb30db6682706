#include "service_mode.h"

#include "../core/service.h"
#include "../core/settings.h"
#include "line.h"
#include "port.h"
#include "supply.h"
#include "watchdog.h"

void service_show(bool red, bool green, bool buzzer) { port_show(red, green, buzzer); }

/* A node whose settings name no battery has none. */
void service_measure(struct service_measures *measures) {
    struct settings settings;
    struct supply supply = {.low_battery = false};
    supply_measure(&supply, settings_load(&settings) ? settings.low_battery_mv : 0);
    measures->buttons = port_buttons();
    measures->points = port_points();
    measures->supply_mv = supply.supply_mv;
    measures->battery_mv = supply.battery_mv;
    measures->cover_off = port_cover_is_off();
}

/* The transceiver's receiver is off here, so that the USB chip of the board is heard. */
void service_mode(void) {
    static char line[SERVICE_LINE_MAX], answer[SERVICE_LINE_MAX];
    const struct board board = {BOARD_NAME, BUTTONS_MAX, POINTS_MAX, line_bauds};
    uint8_t length = 0;
    line_start_service();
    port_show(true, true, false);
    while (port_jumper_is_set()) {
        char byte;
        watchdog_reset();
        if (!line_get(&byte)) continue;
        if (byte != '\n' && byte != '\r') {
            /* A line that is too long loses its end, so its CRC does not fit. */
            if (length < SERVICE_LINE_MAX) line[length++] = byte;
        } else if (length > 0) {
            const uint8_t answer_length = service_line(&board, line, length, answer);
            for (uint8_t i = 0; i < answer_length; i++) line_put(answer[i]);
            length = 0;
        }
    }
    restart();
}
