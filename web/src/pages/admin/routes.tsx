export { AdminPage } from "./AdminPage";
export { AuditPage } from "./audit/AuditPage";
export { DevicesPage } from "./DevicesPage";
export { KeysPage } from "./KeysPage";
export { PeoplePage } from "./PeoplePage";
export { ScreensPage } from "./ScreensPage";
export { SessionsPage } from "./SessionsPage";
