CREATE TABLE `digests` (
	`step` integer NOT NULL,
	`table_name` text NOT NULL,
	`rows` integer NOT NULL,
	`hash` text NOT NULL,
	PRIMARY KEY(`step`, `table_name`)
);
--> statement-breakpoint
CREATE INDEX `metrics_name` ON `metrics` (`name`,`step`);--> statement-breakpoint
CREATE INDEX `tasks_kind` ON `tasks` (`kind`,`id`);--> statement-breakpoint
CREATE INDEX `tasks_verdict` ON `tasks` (`verdict`,`id`);