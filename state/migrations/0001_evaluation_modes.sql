ALTER TABLE `evaluation_items` ADD `scratch` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `evaluations` ADD `samples` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `evaluations` ADD `passed` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `evaluations` ADD `scratched` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `evaluations` ADD `deviation` real DEFAULT 0 NOT NULL;--> statement-breakpoint
UPDATE `evaluations` SET `passed` = `correct`;
