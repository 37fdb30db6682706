export async function replay(..._: unknown[]): Promise<void> {}
