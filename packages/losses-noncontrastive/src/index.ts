export { plugin } from './plugin';
export {
  type VicregMethodOptions,
  type VicregOptions,
  type VicregTerms,
  vicreg,
  vicregLoss,
  vicregTerms,
} from './vicreg';
