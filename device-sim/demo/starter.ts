/** Environment variable with the id of the process that started the gateway. */
export const STARTER_VARIABLE = 'CALLPOINT_SIM_STARTER';
/** Descriptor of the pipe that it holds. */
export const STARTER_FD = 3;
