import { checkPartnersUnused, createPartner, writePartners } from './partners.ts';
import type { Env } from './env.ts';
import { createExternalId } from './external-ids.ts';
import { checkLockChange } from './locks.ts';
import { createMove, createMoveLine, deleteMoves, writeMoveLines, writeMoves } from './moves.ts';
import { createRegister } from './payment-register.ts';
import { createPayment, deletePayments, writePayments } from './payments.ts';
import { deleteRecords, insertRecord, rowsThatExist, updateRecords, type Values } from './records.ts';
import { createReversal } from './reversal.ts';
import { checkAccess } from './rights.ts';

type Behaviour = {
  create?: (env: Env, values: Values) => number;
  write?: (env: Env, ids: readonly number[], values: Values) => void;
  unlink?: (env: Env, ids: readonly number[]) => void;
};

/** What a model does beyond storing its fields. */
const behaviours: Record<string, Behaviour> = {
  'res.partner': {
    create: createPartner,
    write: writePartners,
    unlink: (env, ids) => {
      checkPartnersUnused(env, ids);
      deleteRecords(env, 'res.partner', ids);
    },
  },
  'res.company': {
    write: (env, ids, values) => {
      checkLockChange(env, values);
      updateRecords(env, 'res.company', ids, values);
    },
  },
  'ir.model.data': { create: createExternalId },
  'account.move': { create: createMove, write: writeMoves, unlink: deleteMoves },
  'account.move.line': { create: createMoveLine, write: writeMoveLines },
  'account.payment': { create: createPayment, write: writePayments, unlink: deletePayments },
  'account.payment.register': { create: createRegister },
  'account.move.reversal': { create: createReversal },
};

/** Makes a record as the caller; throws what the real one would answer. */
export function createRecord(env: Env, model: string, values: Values): number {
  checkAccess(env, model, 'create');
  return behaviours[model]?.create?.(env, values) ?? insertRecord(env, model, values);
}

/** Changes records as the caller. Writing to none is fine, to one that is gone is not. */
export function writeRecords(env: Env, model: string, ids: readonly number[], values: Values): void {
  checkAccess(env, model, 'write');
  rowsThatExist(env, model, ids);
  const write = behaviours[model]?.write;
  if (write === undefined) updateRecords(env, model, ids, values);
  else write(env, ids, values);
}

/** Deletes records as the caller, and their external ids with them. */
export function unlinkRecords(env: Env, model: string, ids: readonly number[]): void {
  checkAccess(env, model, 'unlink');
  rowsThatExist(env, model, ids);
  const unlink = behaviours[model]?.unlink;
  if (unlink === undefined) deleteRecords(env, model, ids);
  else unlink(env, ids);
}
