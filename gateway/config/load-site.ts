import { readSite } from './load.ts';
import type { LoadedSite, LoadRequest } from './load-in-thread.ts';
import { readTextFile } from './read/read-file.ts';
import { type FileRead, sealReading } from './sealed-reading.ts';

/** Reads and checks a site, and seals what it has read for the next start. */
export function loadSite({ siteFile, dataDirectory, inputsPassword, build }: LoadRequest): LoadedSite {
  const files: FileRead[] = [];
  const read = (file: string) => {
    const found = readTextFile(file);
    if ('text' in found) files.push({ file, ...found });
    return found;
  };
  const reading = readSite(siteFile, dataDirectory, { read, inputsPassword });
  if (build === undefined) return { reading };
  const sealed = sealReading(reading, files, { siteFile, dataDirectory, build }, Date.now());
  return sealed === undefined ? { reading } : { reading, sealed };
}
