import { BROKEN_PROMISES } from './broken-promises.ts';
import { testShipped } from './shipped-tests.ts';

// The fast ones are in npm test.
testShipped(BROKEN_PROMISES.filter(({ isFast }) => isFast !== true));
