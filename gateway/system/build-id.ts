/** Put in by `hardware/package/bundle.ts`. */
declare const CALLPOINT_BUILD: string | undefined;

/**
 * The content of this program: different for each change of its code. `undefined` where it runs
 * from the source or is compiled file by file.
 */
export const BUILD_ID = typeof CALLPOINT_BUILD === 'undefined' ? undefined : CALLPOINT_BUILD;
