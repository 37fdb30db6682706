/** How a button was pressed. `hold`: said while it is still held. */
export type PressPattern = 'single' | 'double' | 'triple' | 'long' | 'longDouble' | 'longTriple' | 'hold';
