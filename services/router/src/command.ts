import type { Control } from '@keelson/contracts';

/** Both rooms read `control.router`; a command names one of them, or the router as a whole. */
export const isFor = (room: 'resolve' | 'route', { target }: Control): boolean =>
  target === 'router' || target === room;
