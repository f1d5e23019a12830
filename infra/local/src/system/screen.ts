import { liveTable } from './table.ts';
import type { Numbers } from './table.ts';

/** Where a run shows itself. */
export interface Screen {
  draw(numbers: Numbers): void;
  say(line: string): void;
}

const elsewhereEveryMs = 5000;

/** Draws over what it drew before on a terminal; elsewhere prints a block now and then. */
export function createScreen(out: NodeJS.WriteStream): Screen {
  let drawn = 0;
  let lastMs = 0;
  const erase = (): void => {
    if (drawn > 0) out.write(`\u001b[${drawn}A\u001b[0J`);
    drawn = 0;
  };
  return {
    draw(numbers) {
      const lines = liveTable(numbers);
      if (out.isTTY) {
        erase();
        out.write(lines.join('\n') + '\n');
        drawn = lines.length;
      } else if (Date.now() - lastMs >= elsewhereEveryMs) {
        lastMs = Date.now();
        out.write(lines.join('\n') + '\n\n');
      }
    },
    say(line) {
      drawn = 0;
      out.write(line + '\n');
    },
  };
}
