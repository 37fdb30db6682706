import { spawn } from 'node:child_process';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Limits {
  readonly withinMs: number;
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** Runs a program to its end, whatever its exit code is. @throws Error if it takes too long */
export function attempt(program: string, args: readonly string[], limits: Limits): Promise<Ran> {
  const { withinMs, input, env = {}, cwd = '/' } = limits;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: 'pipe' });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    // A program that does not read its input closes it.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const said = () => `${program} ${args.join(' ')}\n${stdout}${stderr}`;
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`not done after ${withinMs / 1000} s: ${said()}`));
    }, withinMs);
    child.on('error', (error) => {
      clearTimeout(late);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(late);
      resolve({ code, stdout, stderr });
    });
  });
}

/** Runs a program that must succeed. @throws Error with everything that it said */
export async function command(program: string, args: readonly string[], limits: Limits): Promise<string> {
  const { code, stdout, stderr } = await attempt(program, args, limits);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}
