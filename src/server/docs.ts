import { Elysia, type AnyElysia } from 'elysia'

export const docs = (_app: AnyElysia) => new Elysia()
