import fc from 'fast-check';

/**
 * Properties run with the same seed everywhere, so that a commit that passed does not fail
 * elsewhere. `CALLPOINT_TEST_SEED=random` looks for new counterexamples; a number repeats a run.
 * Without `defaultSizeToMaxWhenMaxSpecified`, fast-check makes about ten elements at most, whatever
 * `maxLength` a property asks for.
 */
const { CALLPOINT_TEST_SEED: wanted = '20261128' } = process.env;
const seed = wanted === 'random' ? Date.now() | 0 : Number.parseInt(wanted, 10);
if (!Number.isInteger(seed)) throw new Error(`CALLPOINT_TEST_SEED is no number and not "random": ${wanted}`);
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed, defaultSizeToMaxWhenMaxSpecified: true });
