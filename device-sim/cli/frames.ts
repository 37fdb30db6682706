import { pressFrames } from '../site/device-frames.ts';
import { epochNow, readSite } from '../site/site-file.ts';
import type { JsonFlag } from './arguments.ts';
import { printJson } from './output.ts';

export interface FramesOptions extends JsonFlag {
  readonly device: string;
  readonly count: number;
  readonly site: string;
  readonly epoch?: number;
  readonly firstCounter: number;
  readonly button: number;
}

export function frames({ site: file, json, epoch = epochNow(), ...request }: FramesOptions): void {
  const lines = pressFrames(readSite(file, epoch), { ...request, epoch });
  if (json) printJson({ ok: true, device: request.device, epoch, frames: [...lines] });
  else for (const line of lines) process.stdout.write(`${line}\n`);
}
