import { BROKEN_PROMISES } from '../scenarios/broken-promises.ts';
import { testShipped } from '../scenarios/shipped-tests.ts';

// The others take longer: npm run test:scenarios.
testShipped(BROKEN_PROMISES.filter(({ isFast }) => isFast === true));
