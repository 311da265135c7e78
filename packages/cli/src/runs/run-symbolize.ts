import { counted } from '@overmap/report';
import { escapeText, type SymbolizeSummary, symbolizeLog, ToolError } from '@overmap/trace';
import type { SymbolizeRequest } from '../commands/symbolize.ts';
import { Exit, type ExitCode } from '../exit-code.ts';
import { inSession, type Session } from './session.ts';

/** Runs `overmap symbolize`. */
export async function runSymbolize(request: SymbolizeRequest): Promise<ExitCode> {
  const { log, elf, output, addr2line, verbose } = request;
  return inSession({ inputs: [log], output, strictInput: false, verbose, streams: true }, async (session) => {
    await session.each(async (name) => {
      try {
        const write = (text: string): void => session.output.write(text);
        const summary = await symbolizeLog(name, elf, write, addr2line === undefined ? {} : { addr2line });
        tell(session, name, elf, summary, verbose);
      } catch (error) {
        if (!(error instanceof ToolError)) throw error;
        session.note(Exit.unreadable);
        session.talk.say(error.message);
      }
      return { badLines: 0, interrupted: false };
    });
  });
}

function tell(session: Session, log: string, elf: string, summary: SymbolizeSummary, verbose: boolean): void {
  const { sites, placed, named, unknown } = summary;
  const about = (text: string): void => session.talk.about(escapeText(log, 400), text);
  if (sites === 0) about('no call site is an address; nothing was rewritten.');
  else if (unknown === sites)
    about(`none of its call sites lies in ${escapeText(elf, 400)}: is this the program that wrote the log?`);
  else if (unknown > 0) about(`${counted(unknown, 'call site')} of ${sites} could not be found, and stay addresses.`);
  if (named > 0) about(`of ${counted(named, 'call site')} only the function is known: compile with -g for lines.`);
  if (verbose) about(`${placed} of ${counted(sites, 'call site')} have a file and a line now.`);
}
