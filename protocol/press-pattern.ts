/** How a button was pressed. `hold` is reported while it is still held. */
export type PressPattern = 'single' | 'double' | 'triple' | 'long' | 'longDouble' | 'longTriple' | 'hold';
