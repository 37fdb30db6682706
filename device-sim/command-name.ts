/** How a person calls the simulator here: installed and compiled, or in the repository. */
export const SIM_COMMAND = import.meta.url.endsWith('.ts') ? 'npm run -s sim --' : 'callpoint-sim';
